// The page in a portal's frame: says whether the person who signed in there is still the one at this browser (OpenID Connect Session
// Management 1.0 section 3.2). Classic and plain, so that simple browsers run it; nothing is asked of the network.
(function () {
  'use strict';

  // client_id, a space, the hash in base64url, a dot, the salt.
  var SHAPE = /^([A-Za-z0-9._~-]{1,100}) ([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{1,100})$/;
  var script = document.getElementById('watch');
  var cookie = script.getAttribute('data-cookie');

  // What this browser knows of the session: nothing after signing out, and where a browser shows frames no cookies.
  function browserState() {
    var all = document.cookie.split('; ');
    for (var at = 0; at < all.length; at += 1) {
      var equals = all[at].indexOf('=');
      if (all[at].substring(0, equals) === cookie) {
        return all[at].substring(equals + 1);
      }
    }
    return '';
  }

  function primes(many) {
    var found = [];
    for (var number = 2; found.length < many; number += 1) {
      var divides = false;
      for (var at = 0; at < found.length && !divides; at += 1) {
        divides = number % found[at] === 0;
      }
      if (!divides) {
        found.push(number);
      }
    }
    return found;
  }

  // The first 32 bits of the fraction.
  function fraction(number) {
    return ((number - Math.floor(number)) * 4294967296) | 0;
  }

  var PRIMES = primes(64);
  var ROUND = PRIMES.map(function (prime) { return fraction(Math.pow(prime, 1 / 3)); });
  var FIRST = PRIMES.slice(0, 8).map(function (prime) { return fraction(Math.sqrt(prime)); });

  function turn(word, by) {
    return (word >>> by) | (word << (32 - by));
  }

  // FIPS 180-4 section 6.2.2: one block of sixteen words.
  function block(hash, words) {
    var w = words.slice();
    for (var t = 16; t < 64; t += 1) {
      var s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >>> 3);
      var s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >>> 10);
      w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
    }
    var a = hash[0], b = hash[1], c = hash[2], d = hash[3], e = hash[4], f = hash[5], g = hash[6], h = hash[7];
    for (var at = 0; at < 64; at += 1) {
      var big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      var one = (h + big1 + ((e & f) ^ (~e & g)) + ROUND[at] + w[at]) | 0;
      var big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      var two = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    var worked = [a, b, c, d, e, f, g, h];
    return hash.map(function (word, nth) { return (word + worked[nth]) | 0; });
  }

  // SHA-256 of a text of ASCII, as bytes. (crypto.subtle answers later, and in some frames not at all.)
  function sha256(text) {
    var words = [];
    for (var at = 0; at < text.length; at += 1) {
      words[at >> 2] |= text.charCodeAt(at) << (24 - (at % 4) * 8);
    }
    words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    var last = (((text.length + 8) >> 6) << 4) + 15;
    words[last] = text.length * 8;
    var hash = FIRST.slice();
    for (var from = 0; from < last; from += 16) {
      var part = [];
      for (var nth = 0; nth < 16; nth += 1) {
        part.push(words[from + nth] | 0);
      }
      hash = block(hash, part);
    }
    var bytes = '';
    hash.forEach(function (word) {
      bytes += String.fromCharCode((word >>> 24) & 255, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
    });
    return bytes;
  }

  function base64url(bytes) {
    return window.btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function judge(message, origin) {
    var parts = typeof message === 'string' ? SHAPE.exec(message) : null;
    if (!parts) {
      return 'error';
    }
    var hash = base64url(sha256(parts[1] + ' ' + origin + ' ' + browserState() + ' ' + parts[3]));
    return hash === parts[2] ? 'unchanged' : 'changed';
  }

  window.addEventListener('message', function (event) {
    // A page without an origin cannot be answered alone, and no client has one.
    if (event.source && /^https?:\/\//.test(event.origin)) {
      event.source.postMessage(judge(event.data, event.origin), event.origin);
    }
  });
})();
