import { registry } from "@web/core/registry";
import { CharField, charField } from "@web/views/fields/char/char_field";

/** The most pressing reason of a row; all of them when it is pointed at. */
export class DunningTodo extends CharField {
    static template = "account_recurrence_dunning.DunningTodo";
}

registry.category("fields").add("dunning_todo", {
    ...charField,
    component: DunningTodo,
    fieldDependencies: [{ name: "todo_all_text", type: "text" }],
});
