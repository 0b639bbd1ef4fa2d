// Without this script each button loads the whole page again; with it only the outcome is put in place.
const place = document.querySelector("#outcome");

for (const form of document.querySelectorAll(".kinds form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.ariaBusy) return;
    button.ariaBusy = "true";
    try {
      const response = await fetch(form.action, { method: "POST" });
      if (!response.ok) return location.reload(); // signed out meanwhile: the edge shows the way
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      place.replaceChildren(...page.querySelector("#outcome").childNodes);
      for (const other of document.querySelectorAll(".kinds button")) other.ariaCurrent = null;
      button.ariaCurrent = "true";
      place.scrollIntoView({ block: "nearest" });
    } catch {
      place.textContent = "The edge does not answer. Is it still running?";
    } finally {
      button.ariaBusy = null;
    }
  });
}
