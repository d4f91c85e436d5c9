import { registry } from "@web/core/registry";

/* A customer on a phone promises a date; the test says which day by the address. */
registry.category("web_tour.tours").add("dunning_page_tour", {
    steps: () => [
        {
            content: "Answer",
            trigger: 'a.btn[href="#answer"]',
            run: "click",
        },
        {
            content: "Promise a date",
            trigger: '#answer a[href$="/answer/promise"]',
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "All that is due is ticked",
            trigger: 'input[name="items"]:checked',
        },
        {
            content: "Choose the day",
            trigger: 'input[name="day"]',
            run() {
                this.anchor.value = this.anchor.max;
            },
        },
        {
            content: "Send",
            trigger: 'button[type="submit"]',
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is confirmed",
            trigger: 'h1:contains("Thank you for your answer")',
        },
        {
            content: "Go back",
            trigger: 'a.btn:contains("Back to your open items")',
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The answer is shown",
            trigger: '[aria-labelledby="answers_title"]:contains("Payment of")',
        },
    ],
});
