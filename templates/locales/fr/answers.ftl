# Retour au portail par un formulaire
answer-title = Retour au portail
answer-text = La réponse est transmise à { $app }. Si la page ne change pas d'elle-même, cliquez sur «Continuer».
answer-go-on = Continuer
