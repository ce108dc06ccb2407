// What a script can add to pages that work without one. Classic and deferred; no markup is made here.
(function () {
  "use strict";
  var each = function (selector, act) { Array.prototype.forEach.call(document.querySelectorAll(selector), act); };

  // Errors: begin reading at the summary.
  var summary = document.querySelector("[data-focus]");
  if (summary) { summary.focus(); }

  // A password may be shown; it is hidden again before it is sent, so that browsers offer to keep it.
  each("[data-reveal]", function (button) {
    var input = document.getElementById(button.getAttribute("data-reveal"));
    var words = button.querySelectorAll("span");
    var show = function (visible) {
      input.type = visible ? "text" : "password";
      words[0].hidden = visible;
      words[1].hidden = !visible;
    };
    button.hidden = false;
    button.addEventListener("click", function () {
      show(input.type === "password");
      input.focus();
    });
    input.form.addEventListener("submit", function () { show(false); });
  });

  // The wait before another code, counted down; the sentence goes when it is over.
  each("[data-countdown]", function (sentence) {
    var end = Date.now() + 1000 * Number(sentence.getAttribute("data-countdown"));
    var left = sentence.querySelector("[data-left]");
    var timer = setInterval(function () {
      var seconds = Math.ceil((end - Date.now()) / 1000);
      if (seconds > 0) { left.textContent = String(seconds); return; }
      clearInterval(timer);
      sentence.hidden = true;
    }, 500);
  });

  // A second click while the first is on its way is not sent. The server answers both alike; this spares the wait.
  each("form", function (form) {
    var sent = 0;
    form.addEventListener("submit", function (event) {
      var now = Date.now();
      if (now - sent < 5000) { event.preventDefault(); return; }
      sent = now;
      form.setAttribute("aria-busy", "true");
      setTimeout(function () { form.removeAttribute("aria-busy"); }, 5000);
    });
    window.addEventListener("pageshow", function () {
      sent = 0;
      form.removeAttribute("aria-busy");
    });
  });

  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  // An answer on its way to a portal goes on by itself. Last, so that a click beside it is a second one.
  each("[data-press]", function (form) { document.getElementById(form.getAttribute("data-press")).click(); });
}());
