def migrate(cr, version):
    """The address of the calendar goes to another action, and may be that of one only."""
    cr.execute(
        """
        UPDATE ir_act_window action
           SET path = NULL
          FROM ir_model_data data
         WHERE data.module = 'account_recurrence_dunning'
           AND data.name = 'recurrence_occurrence_action'
           AND data.res_id = action.id
        """
    )
