// Comfort only: every page works without this file.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.closest("[hidden]")?.removeAttribute("hidden");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}

// Somebody who joins is probably where the device is.
for (const select of document.querySelectorAll("[data-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...(select.options ?? [])].some((option) => option.value === here)) select.value = here;
}
