// Not a module: it runs before the first paint, so that a page in the dark does not flash.
document.documentElement.dataset.theme = localStorage.getItem("skein.theme") ?? "system";
