# Back to the portal by a form
answer-title = Back to the portal
answer-text = The answer is handed to { $app }. If the page does not change by itself, press «Continue».
answer-go-on = Continue
