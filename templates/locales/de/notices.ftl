place-local = lokales Netz

notice-at = Datum und Uhrzeit: { $at }
notice-device = Gerät: { $device }
notice-place = Ort oder Netz: { $place }
notice-unknown = unbekannt
notice-by-operator = Durch: { $realm }
notice-username = Benutzername: { $username }
notice-was-you = Waren Sie es? Dann müssen Sie nichts tun.
notice-not-me = Waren Sie es nicht? Öffnen Sie diese Seite und bestätigen Sie: Alle Ihre Sitzungen werden beendet und Ihr Zugang wird gesperrt, damit ihn niemand benutzt. Die Seite funktioniert { $days } Tage lang.
notice-was-asked = Haben Sie es verlangt? Dann müssen Sie sonst nichts tun.
notice-not-asked = Haben Sie nichts verlangt? Öffnen Sie diese Seite und bestätigen Sie: Alle Ihre Sitzungen werden beendet und Ihr Zugang wird gesperrt, damit ihn niemand benutzt. Die Seite funktioniert { $days } Tage lang.
notice-not-me-link = Das war nicht ich

notice-new-device-subject = Anmeldung mit einem neuen Gerät, { $realm }
notice-new-device-intro = Jemand, vermutlich Sie selbst, hat sich mit einem Gerät oder Browser angemeldet, den wir noch nicht kannten.
notice-password-changed-subject = Ihr Passwort wurde geändert, { $realm }
notice-password-changed-intro = Das Passwort Ihres Zugangs wurde geändert.
notice-sign-in-locked-subject = Mehrere Versuche mit falschem Passwort, { $realm }
notice-sign-in-locked-intro = Jemand hat für Ihren Zugang mehrmals ein falsches Passwort eingegeben. Niemand konnte sich anmelden. Zu Ihrem Schutz gilt vor jedem weiteren Versuch eine Wartezeit.
notice-password-known-subject = Wichtig: Jemand kennt vielleicht Ihr Passwort, { $realm }
notice-password-known-intro = Jemand hat das richtige Passwort Ihres Zugangs eingegeben und danach mehrmals einen falschen Bestätigungscode. Niemand konnte sich anmelden. Wenn Sie es nicht waren, kennt jemand Ihr Passwort.
notice-factor-reset-subject = Ihr zweiter Faktor wurde entfernt, { $realm }
notice-factor-reset-intro = Der zweite Faktor Ihres Zugangs (Telefon oder App) wurde entfernt. Mit Ihrem neuen Aktivierungscode wählen Sie einen anderen.
notice-credentials-replaced-subject = Passwort und zweiter Faktor ersetzt, { $realm }
notice-credentials-replaced-intro = Das Passwort und der zweite Faktor Ihres Zugangs wurden ersetzt.

not-me-title = Waren Sie es nicht?
not-me-told = In unserer Nachricht ging es um:
not-me-about-account-created = die Einrichtung Ihres Zugangs
not-me-about-new-device = eine Anmeldung mit einem neuen Gerät
not-me-about-password-changed = die Änderung des Passworts
not-me-about-sign-in-locked = mehrere Versuche mit falschem Passwort
not-me-about-password-known = mehrere falsche Bestätigungscodes nach dem richtigen Passwort
not-me-about-factor-reset = die Entfernung des zweiten Faktors
not-me-about-credentials-replaced = der Ersatz von Passwort und zweitem Faktor
not-me-will = Wenn Sie es nicht waren, sperren Sie Ihren Zugang. Alle Ihre Sitzungen werden beendet, in allen Portalen, und niemand kann sich mehr anmelden, auch Sie nicht. Danach helfen wir Ihnen, ihn zu entsperren.
not-me-else = Waren Sie es? Schliessen Sie einfach diese Seite: Es ändert sich nichts.
not-me-stop = Meinen Zugang sperren
not-me-done-title = Ihr Zugang ist gesperrt
not-me-done-sessions = Alle Sitzungen sind beendet, in allen Portalen.
not-me-done-stopped = Mit diesem Zugang kann sich niemand mehr anmelden.
not-me-done-next = Rufen Sie uns an oder schreiben Sie uns: Wir klären mit Ihnen, was geschehen ist, und entsperren Ihren Zugang.
not-me-gone-title = Dieser Link funktioniert nicht mehr
not-me-gone-text = Er wurde schon benutzt, ist zu alt, oder die Adresse wurde nicht ganz kopiert. Es wurde nichts geändert.
not-me-gone-next = Wenn Sie glauben, dass jemand Ihren Zugang benutzt, rufen Sie uns sofort an oder schreiben Sie uns.

signin-username-alias-help = Ihre E-Mail-Adresse oder, wenn Sie versichert sind, Ihre AHV-Nummer.
