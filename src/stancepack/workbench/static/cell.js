// A cell of a notebook that shows a page. The page is a document of its own: its style does not
// reach the notebook, nor the notebook's keys the page. The cell passes on what it asks and hears.

const HEIGHT = "46rem";

export default {
  render({ model, el }) {
    const frame = document.createElement("iframe");
    let port = null;
    frame.title = "Coding";
    frame.srcdoc = PAGE;
    Object.assign(frame.style, { width: "100%", height: HEIGHT, border: "0" });
    frame.addEventListener("load", () => {
      const { port1, port2 } = new MessageChannel();
      port = port1;
      port.onmessage = ({ data }) => model.send(data);
      frame.contentWindow.postMessage("port", "*", [port2]);
    });
    const answered = (answer) => port?.postMessage(answer);
    model.on("msg:custom", answered);
    el.append(frame);
    return () => model.off("msg:custom", answered);
  },
};
