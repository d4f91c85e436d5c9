/**
 * Return the steps of a tour with the count of its clicks: the tour fails where there are not
 * exactly so many. Typing does not count, nor the click into the field that is typed in, nor what
 * a click makes the browser click itself.
 */
export function countClicks(expected, steps) {
    let count = 0;
    let field = null;
    const noteClick = ({ target }) => {
        if (!(target.matches("label") && target.control)) {
            count += 1;
            field = target;
        }
    };
    const noteTyping = ({ target }) => {
        if (
            target === field &&
            target.matches("input:not([type='radio'], [type='checkbox']), textarea")
        ) {
            count -= 1;
            field = null;
        }
    };
    return [
        {
            content: "Count from here",
            trigger: "body",
            run: () => {
                document.addEventListener("click", noteClick, true);
                document.addEventListener("input", noteTyping, true);
            },
        },
        ...steps,
        {
            content: `Clicks: ${expected}`,
            trigger: "body",
            run: () => {
                document.removeEventListener("click", noteClick, true);
                document.removeEventListener("input", noteTyping, true);
                if (count !== expected) {
                    throw new Error(`Clicks: ${count}, expected ${expected}`);
                }
            },
        },
    ];
}
