import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

let open;
const opened = [];

/* A browser that keeps the printed letters back, as the click was too long ago. */
registry.category("web_tour.tours").add("dunning_letters_tour", {
    steps: () => [
        {
            content: "The browser blocks windows",
            trigger: ".o_list_view .o_data_row",
            run: () => {
                open = browser.open;
                browser.open = (url) => {
                    opened.push(url);
                    return null;
                };
            },
        },
        {
            content: "Choose the letters",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "check",
        },
        { content: "Print them", trigger: 'button[name="action_print"]', run: "click" },
        {
            content: "They count, though nothing came",
            trigger: '.o_notification:contains("Letters printed"):contains("Undo")',
        },
        {
            content: "Download them again",
            trigger: '.o_notification button:contains("Download again")',
            run: "click",
        },
        {
            content: "The same PDF, and undoing is still offered",
            trigger: '.o_notification button:contains("Undo")',
            run: async () => {
                // an action is carried out a moment after its click
                for (let tries = 0; opened.length < 2 && tries < 50; tries++) {
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                browser.open = open;
                if (opened.length !== 2 || opened[0] !== opened[1]) {
                    throw new Error(`Opened: ${opened.join(", ")}`);
                }
            },
        },
    ],
});
