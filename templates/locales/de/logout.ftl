# Nach dem Abmelden

leaving-title = Sie werden abgemeldet
leaving-text = Ihre geschützte Sitzung ist beendet. Sie wird auch hier beendet:
leaving-next = Weiter
logged-out-trying = Diese Portale haben noch nicht geantwortet. Wir benachrichtigen sie weiter:
logged-out-failed = Diese Portale konnten nicht benachrichtigt werden. Bitte melden Sie sich auch dort ab:
