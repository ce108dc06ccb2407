factor-sms-ask = Verlangen Sie einen Code per SMS an { $number }.
