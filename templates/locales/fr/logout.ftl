# Après la déconnexion

leaving-title = Déconnexion en cours
leaving-text = Votre session protégée est terminée. Elle prend fin aussi ici :
leaving-next = Continuer
logged-out-trying = Ces portails n'ont pas encore répondu. Nous continuons de les prévenir :
logged-out-failed = Ces portails n'ont pas pu être prévenus. Déconnectez-vous aussi chez eux, s'il vous plaît :
