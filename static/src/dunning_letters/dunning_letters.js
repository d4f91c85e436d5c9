import { registry } from "@web/core/registry";

/**
 * Says that printed letters count now, with a button that undoes it. What follows (the PDF) also
 * has the list behind it read again. After a long print the browser may keep its window back, as
 * the click was too long ago: a click of its own opens it.
 */
function tellPrinted(env, action, options) {
    const { message, undo, again, ids, next } = action.params;
    const close = env.services.notification.add(message, {
        type: "success",
        sticky: true,
        buttons: [
            {
                name: undo,
                primary: true,
                onClick: async () => {
                    close();
                    await env.services.orm.call("dunning.reminder", "action_unprint", [ids]);
                    await env.services.action.doAction("soft_reload");
                },
            },
            { name: again, onClick: () => env.services.action.doAction(next) },
        ],
    });
    return env.services.action.doAction(next, options);
}

registry.category("actions").add("dunning_letters_printed", tellPrinted);
