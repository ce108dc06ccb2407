factor-sms-ask = Demandez un code par SMS au { $number }.
