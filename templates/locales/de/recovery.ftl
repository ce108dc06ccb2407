factor-sms-ask = Verlangen Sie einen Code per SMS an { $number }.

# Passwort vergessen
recovery-title = Passwort vergessen
recovery-text = Geben Sie Ihren Benutzernamen ein. Wir senden Ihnen einen Code per E-Mail, danach wählen Sie ein neues Passwort.
recovery-code-title = Sehen Sie in Ihren E-Mails nach
recovery-code-text = Falls es für { $name } einen Zugang gibt, wurde ein Code an die E-Mail-Adresse dieses Zugangs gesendet.
recovery-spam = Sehen Sie auch im Spam-Ordner nach und prüfen Sie den oben genannten Benutzernamen.
recovery-resent = Falls es einen Zugang gibt, wurde soeben ein neuer Code gesendet. Der vorherige bleibt bis zu seinem Ablauf gültig.
recovery-password-title = Wählen Sie ein neues Passwort
recovery-password-text = Es ersetzt das alte, sobald Sie es speichern.
recovery-password-label = Neues Passwort
recovery-password-submit = Passwort speichern
recovery-done-title = Ihr Passwort ist geändert
recovery-done-text = Melden Sie sich jetzt mit dem neuen Passwort an.
recovery-done-sessions = Zur Sicherheit wurden alle Ihre offenen Sitzungen beendet, auf allen Geräten. Eine Bestätigung erhalten Sie per E-Mail.
stopped-recovery-elsewhere-title = Beginnen Sie hier von vorn
stopped-recovery-elsewhere = Diese Anfrage wurde in einem anderen Browser begonnen, oder es gibt sie nicht mehr. Zu Ihrer Sicherheit geht sie nur dort weiter, wo sie begonnen hat.
stopped-recovery-over-title = Diese Anfrage ist beendet
stopped-recovery-over = Eine Anfrage für ein neues Passwort gilt nur eine Weile und endet, wenn sich der Zugang inzwischen geändert hat. Diese Anfrage hat nichts verändert. Sie können von vorn beginnen.
stopped-recovery-letter-title = Es braucht einen neuen Aktivierungscode
stopped-recovery-letter = Ihr Zugang hat keinen zweiten Faktor mehr. Zur Sicherheit kann das Passwort nicht allein per E-Mail geändert werden. Benutzen Sie den Aktivierungscode, den Sie per Post erhalten haben.
recovery-letter-ask = Haben Sie keinen Code? Wenden Sie sich an uns:
recovery-enter-code = Aktivierungscode eingeben
recovery-restart = Von vorn beginnen

# Zweiter Faktor verloren
lost-link = Haben Sie keinen Zugriff mehr auf dieses Telefon oder diese App?
lost-title = Sie haben keinen Zugriff mehr auf Ihren zweiten Faktor
lost-why = Zu Ihrer Sicherheit kann der zweite Faktor nicht auf blossen Anruf oder auf eine E-Mail hin entfernt werden, auch nicht von unseren Mitarbeitenden.
lost-how = So erhalten Sie Ihren Zugang zurück
lost-contact = Wenden Sie sich an uns:
lost-identity = Wir prüfen Ihre Identität. Halten Sie einen Ausweis und Ihre Vorsorgeunterlagen bereit.
lost-letter = Wir senden Ihnen einen neuen Aktivierungscode per Post an die Adresse, die wir kennen.
lost-again = Mit diesem Code wählen Sie einen neuen zweiten Faktor.
lost-meanwhile = Wenn Sie Ihr Telefon oder Ihre App wiederfinden, ist nichts verloren: Melden Sie sich wie gewohnt an.
lost-back = Zurück

# E-Mail
mail-reset-subject = { $code } ist Ihr Code für ein neues Passwort, { $realm }
mail-reset-intro = Hier ist der Code, um ein neues Passwort zu wählen:
mail-reset-use = Geben Sie ihn auf der offenen Seite ein. Er ist { $minutes } Minuten gültig. Danach wird Ihr zweiter Faktor verlangt, falls Sie einen haben.
mail-reset-not-you = Haben Sie nichts verlangt? Dann können Sie diese Nachricht ignorieren: Ohne diesen Code bleibt Ihr Passwort, wie es ist.
