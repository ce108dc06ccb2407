factor-sms-ask = Chieda un codice via SMS al { $number }.
