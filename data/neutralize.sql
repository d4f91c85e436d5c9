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
