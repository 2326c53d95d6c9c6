// Unpacks the libraries that the page carries.
const library = async (name) => {
  const packed = Uint8Array.from(atob(document.getElementById(`library-${name}`).textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
};
const execute = (text) => {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script);
};
