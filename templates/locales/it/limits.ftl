# Troppe richieste da un indirizzo
oops-too-many-title = Troppe richieste
oops-too-many = Dalla Sua rete sono stati iniziati moltissimi accessi. Per proteggere il servizio, al momento non ne accettiamo altri. Nulla di ciò che aveva salvato è andato perso.
oops-too-many-retry = Attenda { $minutes ->
    [one] un minuto
   *[other] { $minutes } minuti
 }, poi torni al portale e ricominci. Se si trova nella rete di un'azienda, avvisi il servizio informatico.
