# Datori di lavoro, casse, portali
fault-company-name = Scriva il nome dell'azienda, non soltanto la sua forma giuridica.
code-lost-title = Codice smarrito?
code-lost = Si rivolga a noi ({ $realm }): Le inviamo un nuovo codice per posta. Per proteggere i Suoi dati non viene comunicato né per telefono né per e-mail.

not-served-title = Questo portale non è destinato al Suo accesso
not-served-as = Ha effettuato l'accesso come { $username }.
not-served-for = { $app } si rivolge a:
not-served-yours = Con il Suo accesso ({ $population }) può utilizzare:
not-served-none = Per il Suo accesso ({ $population }) non è previsto alcun portale. I nostri recapiti sono in fondo alla pagina.
not-served-other = Accedere con un altro accesso
not-served-sign-out = Esci
