# Condizioni d'uso all'accesso
accept-terms-title = Condizioni d'uso da accettare
accept-terms-title-new = Nuove condizioni d'uso
accept-terms-first = Prima di continuare, legga e accetti le condizioni d'uso. Glielo chiediamo una sola volta per versione.
accept-terms-again = Dal { $day } è in vigore una nuova versione delle condizioni d'uso. Per continuare, la legga e la accetti.
accept-terms-earlier = Rileggere la versione che aveva accettato (nuova scheda)
accept-terms-renewed = Nulla è stato accettato: la pagina che aveva davanti non è più attuale. Ecco le condizioni in vigore.
accept-terms-print = Aprire le condizioni per stamparle (nuova scheda)
accept-terms-refusing = Senza il Suo consenso il portale non può essere utilizzato. Se rifiuta, vi ritorna senza avere accesso; al prossimo accesso potrà ancora accettare.
accept-terms-next = Accettare e continuare
accept-terms-refuse = Rifiutare
terms-version-to-come = Versione { $version }, in vigore a partire dal { $day }
terms-version-over = Versione { $version }, entrata in vigore il { $day }, nel frattempo sostituita o ritirata
terms-current = Leggere le condizioni in vigore
