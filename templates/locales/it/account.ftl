account-title = Il mio account
account-done-session = La sessione è terminata.
account-done-language = La lingua dei Suoi messaggi è salvata.
account-done-password = La Sua password è cambiata. Tutte le Sue altre sessioni sono terminate.
account-safety-both = Il Suo accesso è protetto da una password e da un secondo fattore.
account-safety-password = Il Suo accesso è protetto da una password.
account-others = { $count ->
    [0] Nessun'altra sessione è aperta.
    [one] Un'altra sessione è aperta: verifichi qui sotto che sia la Sua.
   *[other] Altre { $count } sessioni sono aperte: verifichi qui sotto che siano le Sue.
 }
account-name = Nome
account-population = Gruppo
account-created = Accesso creato il
account-access-ends = Il Suo accesso termina il
account-change = Cambiare
account-change-password = la password
account-factors = Secondo fattore
account-factor-sms = SMS
account-factor-totp = Applicazione di autenticazione
account-since = Dal
account-last-used = Ultimo uso il
account-never-used = Non ancora usato per accedere
account-no-factors = Per il Suo accesso non è richiesto un secondo fattore.
account-sessions = Accessi e dispositivi
account-last-login = Ultimo accesso:
account-previous-login = Accesso precedente:
account-first-login = È il Suo primo accesso.
account-device-unknown = Dispositivo sconosciuto
account-this-session = questa sessione
account-sign-out = Esci
account-end = Terminare
account-end-session = la sessione: { $device }
account-everywhere-text = Ha usato un dispositivo non Suo, o ha un dubbio? Termini tutte le sessioni, questa compresa.
account-everywhere = Esci ovunque
account-portals = Portali utilizzati
account-last-sign-in = Ultimo accesso il
account-no-portals = Non ha ancora utilizzato alcun portale.
account-terms = Condizioni accettate
account-terms-version = versione { $version }
account-terms-registration = Accettate alla registrazione, il
account-terms-sign-in = Accettate all'accesso, il
account-terms-operator = Accettate presso di noi, il
account-terms-read = Leggere
account-no-terms = Non ha ancora accettato condizioni d'uso.
account-language = Lingua dei Suoi messaggi
account-language-label = Le scriviamo in
account-save = Salvare

account-password-title = Cambiare la password
account-password-text = Qui resta connesso. Tutte le Sue altre sessioni termineranno.
account-password-current = Password attuale
account-password-rule = La Sua nuova password:
account-password-new = Nuova password
account-password-repeat = Ripetere la nuova password
account-password-submit = Cambiare la password
fault-wrong-password = La password attuale non è corretta.
fault-password-same = È già la Sua password attuale. Ne scelga un'altra.
