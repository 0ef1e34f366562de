// What pages do on their own where scripts run. Every page works without: each of these has a button or a link beside it.
(() => {
  "use strict";
  const page = document.documentElement;
  page.classList.add("js");

  // The rating that a link in a mail spoke of is sent once somebody looks at the page.
  const marked = document.querySelector("button[data-marked]");
  if (marked) {
    const send = () => {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", send);
      setTimeout(() => marked.form.requestSubmit(marked), 1000);
    };
    document.addEventListener("visibilitychange", send);
    send();
  }

  // Copies an address, or the text of an element. Browsers lend the clipboard to secure pages only.
  if (!navigator.clipboard) page.classList.add("no-clipboard");
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const what = button.dataset.copy;
    const text = what.startsWith("#") ? document.querySelector(what).textContent : new URL(what || location, location).href;
    const said = button.querySelector("[role=status]");
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = button.dataset.copied;
    } catch {
      said.textContent = text;
    }
  });

  // Which file was chosen, and how large it is.
  document.addEventListener("change", (event) => {
    const said = event.target.matches("input[type=file]") && document.querySelector("#file-chosen");
    const file = said && event.target.files[0];
    if (said) said.textContent = file ? `${file.name}, ${Math.ceil(file.size / 1000).toLocaleString(page.lang)} kB` : "";
  });

  // A slider beside the box of a number.
  for (const slider of document.querySelectorAll("input[data-slides]")) {
    const box = document.getElementById(slider.dataset.slides);
    const follow = () => { slider.value = box.value; };
    box.addEventListener("input", follow);
    slider.addEventListener("input", () => {
      box.value = slider.value;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
    follow();
  }

  // What a form would answer stands beside it while it is filled in: the page is asked for as its button would ask, and
  // the parts of the answer take the places of those that have their ids.
  for (const form of document.querySelectorAll("form[data-live]")) {
    const parts = form.dataset.live.split(" ");
    let waiting, asking;
    const ask = async () => {
      asking = new AbortController();
      const fields = new URLSearchParams(new FormData(form));
      const get = form.method === "get";
      if (!get) fields.set("action", "recalculate");
      const address = get ? `${location.pathname}?${fields}` : location.href;
      try {
        const answer = await fetch(address, get ? { signal: asking.signal } : { method: "POST", body: fields, signal: asking.signal });
        if (!answer.ok && answer.status !== 400) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        for (const part of parts) {
          const [here, there] = [document.getElementById(part), fresh.getElementById(part)];
          if (here && there) here.replaceChildren(...there.childNodes);
        }
        const said = document.getElementById("live-said");
        const says = document.querySelector(`#${parts[0]} [data-says]`);
        if (said && says) said.textContent = says.textContent;
        if (get) history.replaceState(null, "", address);
      } catch {
        // Typed on, sent, or away from the network: the button asks again.
      }
    };
    const later = () => {
      clearTimeout(waiting);
      asking?.abort();
      waiting = setTimeout(ask, 500);
    };
    form.addEventListener("input", later);
    form.addEventListener("submit", () => {
      clearTimeout(waiting);
      asking?.abort();
    });
  }

  // Passkeys: the options that stand in the page go to the browser, and the form takes its response along.
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const known = window.PublicKeyCredential;
    if (!known?.parseRequestOptionsFromJSON) continue;
    form.hidden = false;
    document.querySelector("[data-without-passkeys]")?.remove();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const options = JSON.parse(form.dataset.options);
      const failed = form.querySelector("[role=alert]");
      failed.hidden = true;
      try {
        const made = form.dataset.passkey === "create"
          ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
          : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) });
        form.elements.response.value = JSON.stringify(made);
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
