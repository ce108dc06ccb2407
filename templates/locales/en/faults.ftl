fault-required = Please fill in this field.
fault-too-long = At most { $max } characters, please.
fault-avs-format = The OASI number has 13 digits and begins with 756.
fault-avs-check-digit = This OASI number contains a typing error. Compare it digit by digit.
fault-date-format = Write the date like this: dd.mm.yyyy, for example 12.03.1984.
fault-date-impossible = This date does not exist or lies in the future.
fault-uid-format = Write the company number like this: CHE-123.456.788.
fault-uid-check-digit = This company number contains a typing error. Compare it digit by digit.
fault-number-format = This number consists of digits.
fault-code-length = The code has 12 characters.
fault-code-alphabet = The code never contains 0, 1, I, L or O. Look at that character once more.
fault-code-check = This code contains a typing error. Compare it character by character.
fault-not-recognised = We do not recognise these answers. Check every field. If they are right, try again later or ask for a new code: see how to reach us at the bottom of the page.
fault-code-expired = This code has expired. Ask for a new one: see how to reach us at the bottom of the page.
fault-code-replaced = This code was replaced. Use the one on the document of { $day }.{ $month }.{ $year }.
fault-terms-not-accepted = Please read and accept the terms of use.
fault-email-format = Write the e-mail address like this: name@example.ch.
fault-password-short = The password needs at least { $min } characters.
fault-password-groups = The password lacks a digit, a lower-case letter, an upper-case letter or a special character.
fault-password-weak = This password is too easy to guess. Add a word or two.
fault-password-common = This password is one of the most widely used and is tried first. Choose another.
fault-password-has-name = The password must not contain your user name.
fault-passwords-differ = The two passwords are not the same.
fault-digits-format = The code has 6 digits.
fault-digits-wrong = This code is not right. Check the 6 digits.
fault-digits-expired = This code has expired. We have just sent a new one.
fault-digits-used-up = Too many tries with this code. Ask for a new one.
fault-resend-too-soon = A new code can be asked for in { $seconds } s.
fault-resend-used-up = You have asked for too many codes today. Try again tomorrow.
fault-phone-format = Write the number like this: 079 123 45 67, or with the country code: +44 7700 900123.
fault-phone-no-sms = This number cannot receive text messages. Give a mobile number.
fault-nothing-chosen = Please choose one.
fault-wrong-login = The user name or the password is not right.
fault-too-many-tries = Too many tries. Try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
 }.
