import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { humanNumber } from "@web/core/utils/numbers";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

// A day of the strip is told by its sign too, for who does not see colors.
const DAY_ICONS = {
    good: "fa-check",
    less: "fa-exclamation",
    alarm: "fa-times",
    missing: "fa-power-off",
    open: "fa-clock-o",
    unknown: "fa-question",
};
const GRID = "rgba(128, 128, 128, 0.25)";

/**
 * The picture of a company's receivables on a day. Whatever it shows comes from the server as text;
 * each figure opens the list behind it. The colors are those of the style sheet.
 */
export class DunningDashboard extends Component {
    static template = "account_recurrence_dunning.DunningDashboard";
    static components = { DateTimeInput, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.root = useRef("root");
        this.canvases = { ages: useRef("ages"), cash: useRef("cash") };
        this.charts = {};
        this.dayIcons = DAY_ICONS;
        const { day, companyId } = this.props.state || {};
        this.state = useState({
            day: day || null,
            companyId: companyId || user.activeCompany.id,
            figures: null,
            isBusy: false,
        });
        this.asked = { companyId: this.state.companyId, day: this.state.day };
        useSetupAction({
            getLocalState: () => ({ day: this.state.day, companyId: this.state.companyId }),
        });
        onWillStart(() => Promise.all([loadBundle("web.chartjs_lib"), this.load()]));
        useEffect(
            () => this.draw(),
            () => [this.state.figures],
        );
        onWillUnmount(() => this.clear());
    }

    /** Ask for the figures of another company or day; both change together with the figures. */
    async load(changes = {}) {
        const asked = { ...this.asked, ...changes };
        this.asked = asked;
        const figures = await this.orm.call("res.company", "get_dunning_figures", [
            [asked.companyId],
            asked.day,
        ]);
        // a later question may have been answered before
        if (asked === this.asked) {
            Object.assign(this.state, asked, { figures });
        }
    }

    get day() {
        return deserializeDate(this.state.figures.day);
    }

    get today() {
        return deserializeDate(this.state.figures.today);
    }

    get isPast() {
        return this.state.figures.day !== this.state.figures.today;
    }

    /** Name, title and definition of a figure, for the heading of its tile. */
    heading(name) {
        const { titles, definitions } = this.state.figures;
        return { title: titles[name], definition: definitions[name] };
    }

    /** A single currency that is the company's needs no column of its own. */
    get currencies() {
        const { rows, total } = this.state.figures.ages;
        return rows.length === 1 && rows[0].currency_id === total.currency_id ? [] : rows;
    }

    /** A row for each age, and one for credits where there are any. */
    get ageRows() {
        const { labels, credits, total } = this.state.figures.ages;
        const rows = labels.map((age, place) => ({ ...age, get: (column) => column.ages[place] }));
        if (total.credits) {
            rows.push({ name: "credits", label: credits, get: (column) => column.credits });
        }
        return rows;
    }

    openAge(row, currencyId = null) {
        if (row.name === "credits") {
            return this.open("credits", currencyId);
        }
        return this.open("ages", [row.name, currencyId].filter(Boolean).join(","));
    }

    setDay(day) {
        return this.load({ day: day && day < this.today ? serializeDate(day) : null });
    }

    setCompany(id) {
        return this.load({ companyId: parseInt(id), day: null });
    }

    /** Opens the place where one of the first steps is done. */
    async start(name) {
        return this.make("action_dunning_start", name);
    }

    async simulate() {
        return this.make("action_dunning_simulate_today");
    }

    /** Opens what a method makes: once, as each half of a double click would make a run. */
    async make(method, ...args) {
        if (this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            const action = await this.orm.call("res.company", method, [
                [this.state.companyId],
                ...args,
            ]);
            await this.action.doAction(action, { onClose: () => this.load() });
        } finally {
            this.state.isBusy = false;
        }
    }

    async closeStart() {
        await this.orm.call("res.company", "action_dunning_close_start", [[this.state.companyId]]);
        return this.load();
    }

    async open(name, key = null) {
        const action = await this.orm.call("res.company", "action_dunning_figure", [
            [this.state.companyId],
            name,
            this.state.figures.day,
            key,
        ]);
        return this.action.doAction(action);
    }

    /** What a chart shows is printed as numbers too. */
    print() {
        this.root.el.querySelector("details")?.setAttribute("open", "");
        window.print();
    }

    // --- charts ---

    clear() {
        for (const chart of Object.values(this.charts)) {
            chart.destroy();
        }
        this.charts = {};
    }

    draw() {
        this.clear();
        if (!this.root.el || this.state.figures.is_empty) {
            return;
        }
        const { ages, cash } = this.state.figures;
        const names = ages.labels.map((age) => age.name);
        this.charts.ages = this.drawBars(this.canvases.ages.el, {
            labels: ages.labels.map((age) => age.label),
            datasets: [
                {
                    data: ages.values,
                    backgroundColor: names.map((name) => this.getColor(name)),
                    texts: ages.total.ages,
                },
            ],
            onClick: (_series, place) => this.open("ages", names[place]),
        });
        this.charts.cash = this.drawBars(this.canvases.cash.el, {
            labels: cash.labels,
            datasets: cash.series.map((series) => ({
                label: series.label,
                data: series.values,
                backgroundColor: this.getColor(series.name),
                texts: series.texts,
            })),
            onClick: (series, place) => this.open(cash.series[series].name, cash.weeks[place]),
        });
    }

    getColor(name) {
        const key = this.root.el.querySelector(`.o_dunning_${name}`);
        return key && getComputedStyle(key).backgroundColor;
    }

    drawBars(canvas, { labels, datasets, onClick }) {
        const { color, fontFamily } = getComputedStyle(this.root.el);
        const font = { family: fontFamily };
        return new Chart(canvas, {
            type: "bar",
            data: { labels, datasets },
            options: {
                animation: false,
                maintainAspectRatio: false,
                onClick: (_event, [element]) =>
                    element && onClick(element.datasetIndex, element.index),
                onHover: (event, [element]) => {
                    event.native.target.style.cursor = element ? "pointer" : "";
                },
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, dataIndex }) =>
                                [dataset.label, dataset.texts[dataIndex]]
                                    .filter(Boolean)
                                    .join(": "),
                        },
                    },
                },
                scales: {
                    x: { stacked: true, grid: { display: false }, ticks: { color, font } },
                    y: {
                        stacked: true,
                        border: { display: false },
                        grid: { color: GRID },
                        ticks: {
                            color,
                            font,
                            maxTicksLimit: 6,
                            callback: (value) => humanNumber(value, { decimals: 1 }),
                        },
                    },
                },
            },
        });
    }
}

registry.category("actions").add("dunning_dashboard", DunningDashboard);
