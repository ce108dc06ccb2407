fault-required = Bitte füllen Sie dieses Feld aus.
fault-too-long = Bitte höchstens { $max } Zeichen.
fault-avs-format = Die AHV-Nummer hat 13 Ziffern und beginnt mit 756.
fault-avs-check-digit = Diese AHV-Nummer enthält einen Tippfehler. Vergleichen Sie Ziffer für Ziffer.
fault-date-format = Schreiben Sie das Datum so: tt.mm.jjjj, zum Beispiel 12.03.1984.
fault-date-impossible = Dieses Datum gibt es nicht, oder es liegt in der Zukunft.
fault-uid-format = Schreiben Sie die Unternehmensnummer so: CHE-123.456.788.
fault-uid-check-digit = Diese Unternehmensnummer enthält einen Tippfehler. Vergleichen Sie Ziffer für Ziffer.
fault-number-format = Diese Nummer besteht aus Ziffern.
fault-code-length = Der Code hat 12 Zeichen.
fault-code-alphabet = Der Code enthält nie 0, 1, I, L oder O. Schauen Sie das Zeichen nochmals an.
fault-code-check = Dieser Code enthält einen Tippfehler. Vergleichen Sie Zeichen für Zeichen.
fault-not-recognised = Wir erkennen diese Angaben nicht. Prüfen Sie jedes Feld. Stimmen alle, versuchen Sie es später nochmals oder verlangen Sie einen neuen Code: Sie erreichen uns über die Angaben unten auf der Seite.
fault-code-expired = Dieser Code ist abgelaufen. Verlangen Sie einen neuen: Sie erreichen uns über die Angaben unten auf der Seite.
fault-code-replaced = Dieser Code wurde ersetzt. Verwenden Sie den Code auf dem Dokument vom { $day }.{ $month }.{ $year }.
fault-terms-not-accepted = Bitte lesen und akzeptieren Sie die Nutzungsbedingungen.
fault-email-format = Schreiben Sie die E-Mail-Adresse so: name@beispiel.ch.
fault-password-short = Das Passwort braucht mindestens { $min } Zeichen.
fault-password-groups = Dem Passwort fehlt eine Ziffer, ein Klein- oder Grossbuchstabe oder ein Sonderzeichen.
fault-password-weak = Dieses Passwort ist zu leicht zu erraten. Fügen Sie ein oder zwei Wörter hinzu.
fault-password-common = Dieses Passwort gehört zu den am häufigsten verwendeten und wird als Erstes ausprobiert. Wählen Sie ein anderes.
fault-password-has-name = Das Passwort darf Ihren Benutzernamen nicht enthalten.
fault-passwords-differ = Die beiden Passwörter stimmen nicht überein.
fault-digits-format = Der Code hat 6 Ziffern.
fault-digits-wrong = Dieser Code stimmt nicht. Prüfen Sie die 6 Ziffern.
fault-digits-expired = Dieser Code ist abgelaufen. Wir haben soeben einen neuen gesendet.
fault-digits-used-up = Zu viele Versuche mit diesem Code. Verlangen Sie einen neuen.
fault-resend-too-soon = Ein neuer Code kann in { $seconds } s verlangt werden.
fault-resend-used-up = Sie haben heute zu viele Codes verlangt. Versuchen Sie es morgen nochmals.
fault-phone-format = Schreiben Sie die Nummer so: 079 123 45 67, oder mit Landesvorwahl: +49 151 23456789.
fault-phone-no-sms = Diese Nummer kann keine SMS empfangen. Geben Sie eine Mobiltelefonnummer an.
fault-nothing-chosen = Bitte wählen Sie eine Möglichkeit.
fault-wrong-login = Benutzername oder Passwort stimmt nicht.
fault-too-many-tries = Zu viele Versuche. Versuchen Sie es in { $minutes ->
    [one] einer Minute
   *[other] { $minutes } Minuten
 } nochmals.
