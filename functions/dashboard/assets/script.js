// Comfort for the pages. Every page works without it.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const button = (text, click) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => click(made));
    return made;
  };

  // A button that copies a text.
  const addCopyButtons = () => {
    for (const box of all("[data-copy]")) {
      const source = document.getElementById(box.dataset.copy);
      const copy = button("Copy", async (made) => {
        await navigator.clipboard.writeText(source.textContent);
        made.textContent = "Copied";
        setTimeout(() => { made.textContent = "Copy"; }, 2000);
      });
      copy.setAttribute("aria-live", "polite");
      box.append(copy);
    }
  };
  addCopyButtons();

  // A button that shows a password while it is typed.
  for (const input of all("[data-reveal]")) {
    const wrap = document.createElement("div");
    wrap.className = "reveal-wrap";
    input.replaceWith(wrap);
    const toggle = button("Show", (made) => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      made.textContent = shown ? "Show" : "Hide";
      made.setAttribute("aria-label", shown ? "Show the password" : "Hide the password");
    });
    toggle.setAttribute("aria-label", "Show the password");
    wrap.append(input, toggle);
  }

  // The rules of a new password, ticked as they are met.
  for (const list of all("[data-password-rules]")) {
    const { passwordRules: id, min, max } = list.dataset;
    const input = document.getElementById(id);
    const rules = {
      length: (text) => [...text].length >= Number(min) && [...text].length <= Number(max),
      letter: (text) => /\p{L}/u.test(text),
      digit: (text) => /\p{Nd}/u.test(text),
      special: (text) => /[^\p{L}\p{Nd}\s]/u.test(text),
    };
    input?.addEventListener("input", () => {
      for (const item of all("[data-rule]", list)) {
        item.classList.toggle("met", rules[item.dataset.rule](input.value));
      }
    });
  }

  // The browser's own time zone.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const input of all("[data-time-zone]")) {
    if (!input.value) input.value = zone;
  }
  for (const link of all("a[data-time-zone-link]")) {
    const url = new URL(link.href);
    url.searchParams.set(link.dataset.timeZoneLink, zone);
    link.href = url;
  }
  for (const hint of all("[data-time-zone-hint]")) {
    if (document.getElementById(hint.dataset.timeZoneHint).value === zone) continue;
    hint.hidden = false;
    hint.querySelector("[data-time-zone-name]").textContent = zone;
    hint.append(" ", button("Use it", () => {
      document.getElementById(hint.dataset.timeZoneHint).value = zone;
    }));
  }

  // Passkeys. A ceremony of the API: options, the browser's prompt, and the response of the authenticator.
  const knowsPasskeys = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
  const post = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Error(answer.detail?.message ?? answer.detail ?? "This did not work. Try again in a minute.");
  };
  const ceremony = async (path, { begin = {}, name, mediation, signal } = {}) => {
    const { ceremony_id, options } = await post(`${path}/options`, begin);
    signal?.throwIfAborted();
    const credential = name === undefined
      ? await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey), mediation, signal,
      })
      : await navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey),
      });
    return post(path, { ceremony_id, name, credential: credential.toJSON() });
  };
  const passkeyFailure = (error) => {
    if (error.name === "InvalidStateError") return "This device has a passkey of your account already.";
    if (error.name === "NotAllowedError") return "No passkey was used. Try again, or choose another way.";
    return error.message;
  };
  const showFailure = (root, error) => {
    const box = root.querySelector(".errors") ?? document.createElement("div");
    box.className = "errors";
    box.setAttribute("role", "alert");
    const text = document.createElement("p");
    text.textContent = passkeyFailure(error);
    box.replaceChildren(text);
    root.append(box);
  };
  const autofill = new AbortController();
  const usePasskey = async (box, { mediation, signal } = {}) => {
    const { passkey: path, secondFactor, target, form: id } = box.dataset;
    const begin = { second_factor: secondFactor !== undefined };
    await ceremony(path, { begin, mediation, signal });
    if (!id) {
      window.location.assign(target);
      return;
    }
    // The proof of identity is renewed, so the form goes on without another.
    const form = document.getElementById(id);
    all("[name^=reauth]", form).forEach((own) => own.remove());
    form.submit();
  };
  for (const box of all("[data-passkey]")) {
    if (!knowsPasskeys) break;
    const own = box.querySelector("button");
    box.hidden = false;
    own.addEventListener("click", async () => {
      autofill.abort();
      own.disabled = true;
      try {
        await usePasskey(box);
      } catch (error) {
        showFailure(box, error);
      }
      own.disabled = false;
    });
  }
  // The browser offers passkeys in the field of the address, where it can.
  const offerInField = async (box) => {
    const { signal } = autofill;
    if (!box || !knowsPasskeys || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    try {
      signal.throwIfAborted();
      await usePasskey(box, { mediation: "conditional", signal });
    } catch (error) {
      if (error.name !== "AbortError") showFailure(box, error);
    }
  };
  if (document.querySelector("input[autocomplete~=webauthn]")) offerInField(document.querySelector("[data-passkey]"));
  for (const form of all("form[data-passkey-form]")) {
    const own = form.querySelector("button[type=submit]");
    if (!knowsPasskeys) {
      all("[data-passkey-missing]").forEach((text) => { text.hidden = false; });
      own.disabled = true;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      own.disabled = true;
      try {
        const added = await ceremony(form.dataset.passkeyForm, { name: form.elements.name.value });
        form.elements.passkey_id.value = added.id;
        form.submit();
      } catch (error) {
        showFailure(form, error);
        own.disabled = false;
      }
    });
  }

  // Links of older mails have the token after `#`, which browsers do not send.
  const fragment = location.hash.slice(1);
  if (document.querySelector("[data-fragment-link]") && fragment.length > 20) {
    location.replace(`${location.pathname}?token=${encodeURIComponent(fragment)}`);
  }

  // A button that waits before it can be used again.
  for (const own of all("button[data-wait]")) {
    const text = document.getElementById(own.getAttribute("aria-describedby"))?.querySelector("[data-wait-text]");
    let left = Number(own.dataset.wait);
    const tick = () => {
      own.disabled = left > 0;
      if (text) text.textContent = left > 0 ? `You can send a new code in ${left} seconds.` : "";
      if (left > 0) setTimeout(tick, 1000);
      left -= 1;
    };
    if (left > 0) tick();
  }

  // An upload shows its progress. The response takes the place of the page, as it does without script.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]")) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.setAttribute("aria-label", "Upload");
    const words = document.createElement("p");
    words.setAttribute("role", "status");
    words.textContent = "Uploading…";
    const cancel = button("Cancel upload", () => request.abort());
    const stop = (text) => {
      [bar, cancel].forEach((own) => own.remove());
      words.textContent = text;
      all("button[type=submit]", form).forEach((own) => { own.disabled = false; });
    };
    request.upload.addEventListener("progress", (progress) => {
      if (progress.lengthComputable) bar.value = (100 * progress.loaded) / progress.total;
    });
    request.addEventListener("abort", () => stop("The upload was canceled."));
    const failure = "The upload failed. Check the connection and the file's size, and try again.";
    request.addEventListener("error", () => stop(failure));
    request.addEventListener("load", () => {
      const answer = new DOMParser().parseFromString(request.responseText, "text/html");
      const main = answer.querySelector("main");
      const isPage = new URL(request.responseURL).pathname === window.location.pathname;
      // The gateway refuses a file that is too large for it, without a page.
      if (!main) {
        stop(failure);
        return;
      }
      if (request.status === 200 && !isPage) {
        window.location.assign(request.responseURL);
        return;
      }
      document.title = answer.title;
      document.querySelector("main").replaceWith(main);
      addCopyButtons();
      main.focus();
      window.scrollTo(0, 0);
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
    form.append(bar, words, cancel);
  });

  // A form is sent once. The idempotency key makes a second submission harmless all the same.
  document.addEventListener("submit", ({ target: form }) => {
    if (form.matches("[data-repeatable]")) return;
    setTimeout(() => all("button[type=submit]", form).forEach((own) => { own.disabled = true; }), 0);
  });
  // A page that the browser kept and shows again may have a dialog about what is done by now.
  window.addEventListener("pageshow", () => {
    all("dialog").forEach((dialog) => dialog.close());
    all("button[type=submit]:not([data-wait])").forEach((own) => { own.disabled = false; });
  });

  // A confirmation opens in a dialog, with the form of the page that the link leads to. A dialog that is closed gives
  // the focus back. Some browsers do not focus a link that is clicked, so it is named.
  const openDialog = (content, label, opener) => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", label);
    dialog.append(...content);
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener?.focus();
    });
    document.querySelector("main").append(dialog);
    dialog.showModal();
    return dialog;
  };
  const loadConfirmation = async (path) => {
    const reply = await fetch(path);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const card = page.querySelector("main .card.danger");
    if (!reply.ok || reply.redirected || !card?.querySelector("form")) throw new Error("no confirmation");
    return [page.querySelector("h1").textContent, card];
  };
  let isLoading = false;
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (isLoading) return;
    isLoading = true;
    try {
      const [label, card] = await loadConfirmation(link.href);
      const dialog = openDialog(card.childNodes, label, link);
      dialog.querySelector(".actions a").addEventListener("click", (cancel) => {
        cancel.preventDefault();
        dialog.close();
      });
    } catch {
      location.assign(link.href);
    }
    isLoading = false;
  });

  // Printing and saving recovery codes.
  for (const box of all("[data-print]")) box.append(button("Print", () => window.print()));

  // The menu is closed on narrow screens until it is opened.
  const narrow = window.matchMedia("(max-width: 899px)");
  const fitMenu = () => all(".side-menu").forEach((menu) => menu.toggleAttribute("open", !narrow.matches));
  narrow.addEventListener("change", fitMenu);
  fitMenu();
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });

  // `/` focuses the search field, `?` shows help, Escape closes menus. Keys of one character can be turned off, because
  // speech input types them by accident (WCAG 2.2, 2.1.4). The choice is kept in this browser.
  const keys = "aius-keys";
  const areKeysOff = () => localStorage.getItem(keys) === "off";
  const showKeys = (opener) => {
    const label = () => `Turn these keys ${areKeysOff() ? "on" : "off"}`;
    const toggle = button(label(), () => {
      localStorage.setItem(keys, areKeysOff() ? "on" : "off");
      toggle.textContent = label();
    });
    const text = document.createElement("p");
    text.textContent = "/ goes to the search field, ? shows this help.";
    const dialog = openDialog([text, toggle, " ", button("Close", () => dialog.close())], "Keyboard help", opener);
  };
  const help = button("Keyboard", showKeys);
  help.className = "link";
  document.querySelector(".foot").append(" · ", help);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      all("details.menu[open]").forEach((menu) => {
        if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
        menu.open = false;
      });
    }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey) return;
    if (areKeysOff() || document.querySelector("dialog[open]")) return;
    const search = document.querySelector("input[type=search]");
    if (event.key === "/" && search) { event.preventDefault(); search.focus(); }
    if (event.key === "?") showKeys(document.activeElement);
  });
})();
