-- no program runs by itself in a neutralized copy, and none at all that may not run on a copy
UPDATE dunning_program
   SET mode = 'manual',
       mail_server_id = NULL,
       active = active AND allow_copy IS TRUE AND copy_email IS NOT NULL;
-- what waits in the outbox is sent by the original, never by the copy
UPDATE dunning_reminder
   SET state = 'cancelled'
 WHERE state = 'queued';
UPDATE dunning_reminder_line line
   SET state = reminder.state
  FROM dunning_reminder reminder
 WHERE reminder.id = line.reminder_id
   AND line.state <> reminder.state;
-- no recurrence issues by itself in a neutralized copy, whoever confirms whatever there
UPDATE recurrence_schedule
   SET invoice_mode = 'confirm'
 WHERE invoice_mode <> 'confirm';
-- what waits to be sent is sent by the original: invoices of recurrences, and e-mails of both
UPDATE account_move
   SET sending_data = NULL
 WHERE sending_data IS NOT NULL AND recurrence_schedule_id IS NOT NULL;
UPDATE mail_mail
   SET state = 'cancel'
  FROM mail_message message
 WHERE message.id = mail_mail.mail_message_id
   AND mail_mail.state = 'outgoing'
   AND (message.model IN ('dunning.reminder', 'dunning.run', 'dunning.program', 'dunning.escalation', 'dunning.block', 'dunning.answer', 'dunning.statement.schedule',
                          'dunning.case', 'dunning.promise', 'dunning.dispute', 'dunning.call', 'dunning.plan', 'dunning.handover',
                          'recurrence.schedule', 'recurrence.occurrence', 'recurrence.price.rise', 'recurrence.price.notice')
        OR message.model = 'account.move' AND EXISTS (
           SELECT FROM account_move move
            WHERE move.id = message.res_id AND move.recurrence_schedule_id IS NOT NULL)
        OR message.model = 'account.move' AND EXISTS (
           SELECT FROM account_invoice_transaction_rel rel
             JOIN payment_transaction transaction ON transaction.id = rel.transaction_id
            WHERE rel.invoice_id = message.res_id AND transaction.dunning_email_to IS NOT NULL)
        OR message.model = 'calendar.event' AND (EXISTS (
           SELECT FROM recurrence_occurrence occurrence
            WHERE occurrence.event_id = message.res_id)
        OR EXISTS (
           SELECT FROM mail_activity activity
            WHERE activity.calendar_event_id = message.res_id
              AND activity.recurrence_occurrence_id IS NOT NULL))
        OR message.model = 'ir.cron' AND EXISTS (
           SELECT FROM ir_model_data data
            WHERE data.module = 'account_recurrence_dunning'
              AND data.model = 'ir.cron' AND data.res_id = message.res_id));
