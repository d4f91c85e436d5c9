import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SelectMenu } from "@web/core/select_menu/select_menu";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { WeekDays, weekDays } from "@web/views/widgets/week_days/week_days";

import { Component } from "@odoo/owl";

const { DateTime, Info } = luxon;
const PREFIX = "recurrence_";

/** A list of choices for a field that is no selection. */
class ChoiceField extends SelectionField {
    get string() {
        return this.options.find(([value]) => value === this.value)?.[1] || "";
    }
}

/** The day of the month: a number, or -1, which reads "Last Day". */
export class RecurrenceMonthDay extends ChoiceField {
    get options() {
        const days = Array.from({ length: 31 }, (_, index) => [index + 1, String(index + 1)]);
        return [...days, [-1, _t("Last Day")]];
    }

    onChange(value) {
        this.props.record.update({ [this.props.name]: value || 0 });
    }
}

/**
 * The month of a yearly rule, which is that of its start date.
 *
 * Another month moves the start to the next such day from today on. Where the rule is by weekday, to
 * the first of that month, so that the weekday of this very month is not already over.
 */
export class RecurrenceMonth extends ChoiceField {
    static props = { ...SelectionField.props, monthByField: { type: String } };

    get options() {
        return Info.months("long").map((label, index) => [index + 1, label]);
    }

    get value() {
        return this.props.record.data[this.props.name]?.month || false;
    }

    onChange(month) {
        const { monthByField, name, record } = this.props;
        if (!month || month === this.value) {
            return;
        }
        const today = DateTime.local().startOf("day");
        const isByDay = record.data[monthByField] === "day";
        const wanted = isByDay ? 1 : (record.data[name] || today).day;
        const inYear = (year) => {
            const first = DateTime.local(year, month, 1);
            return first.set({ day: Math.min(wanted, first.daysInMonth) });
        };
        let start = inYear(today.year);
        if (isByDay && month === today.month) {
            start = today;
        } else if (start < today) {
            start = inYear(today.year + 1);
        }
        record.update({ [name]: start });
    }
}

/** A number that is left empty rather than zero, as of a line that is on each invoice. */
export class RecurrenceEvery extends IntegerField {
    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }
}

const CODES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
// The words for which weekday of the month it is, each in a phrase of its own.
const NTHS = [
    ["1", (weekday) => _t("First %s", weekday)],
    ["2", (weekday) => _t("Second %s", weekday)],
    ["3", (weekday) => _t("Third %s", weekday)],
    ["4", (weekday) => _t("Fourth %s", weekday)],
    ["-1", (weekday) => _t("Last %s", weekday)],
];

/** Further days of a monthly rule: tags, and a list to add one; kept as "15,-1" or "3MO,-1FR". */
export class RecurrenceMoreDays extends Component {
    static template = "account_recurrence_dunning.RecurrenceMoreDays";
    static components = { SelectMenu };
    static props = {
        ...standardFieldProps,
        weekdays: { type: Boolean, optional: true },
        // the fields that say the first day
        first: { type: Array, optional: true },
    };

    get values() {
        return (this.props.record.data[this.props.name] || "").split(/[\s,;]+/).filter(Boolean);
    }

    get choices() {
        if (!this.props.weekdays) {
            const days = Array.from({ length: 31 }, (_, index) => String(index + 1));
            return [...days.map((day) => [day, day]), ["-1", _t("Last Day")]];
        }
        const names = Info.weekdays("long");
        return NTHS.flatMap(([nth, phrase]) =>
            CODES.map((code, index) => [nth + code, String(phrase(names[index]))]),
        );
    }

    get tags() {
        const labels = Object.fromEntries(this.choices);
        return this.values.map((value) => ({ value, text: labels[value] || value }));
    }

    /** The first day as this field would keep it. */
    get firstDay() {
        const [number, weekday] = (this.props.first || []).map(
            (name) => this.props.record.data[name] || "",
        );
        return weekday ? number + weekday.slice(0, 2) : String(number);
    }

    get offered() {
        const taken = [...this.values, this.firstDay];
        return this.choices
            .filter(([value]) => !taken.includes(value))
            .map(([value, label]) => ({ value, label }));
    }

    get label() {
        return _t("Add a day");
    }

    getRemoveLabel(tag) {
        return _t("Remove %s", tag.text);
    }

    add(value) {
        if (value) {
            const order = this.choices.map(([choice]) => choice);
            const values = [...this.values, value];
            this.update(values.sort((a, b) => order.indexOf(a) - order.indexOf(b)));
        }
    }

    remove(value) {
        this.update(this.values.filter((other) => other !== value));
    }

    update(values) {
        this.props.record.update({ [this.props.name]: values.join(",") || false });
    }
}

/** The weekdays of a rule that is edited on the template of its invoices. */
export class RecurrenceWeekDays extends WeekDays {
    get weekdays() {
        return super.weekdays.map((day) => PREFIX + day);
    }
}

registry.category("fields").add("recurrence_month_day", {
    ...selectionField,
    component: RecurrenceMonthDay,
    supportedTypes: ["integer"],
    isEmpty: (record, name) => !record.data[name],
});
registry.category("fields").add("recurrence_month", {
    ...selectionField,
    component: RecurrenceMonth,
    supportedTypes: ["date"],
    isEmpty: (record, name) => !record.data[name],
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...selectionField.extractProps(fieldInfo, dynamicInfo),
        monthByField: fieldInfo.options.month_by,
    }),
});
registry.category("fields").add("recurrence_every", {
    ...integerField,
    component: RecurrenceEvery,
    isEmpty: (record, name) => !record.data[name],
});
registry.category("fields").add("recurrence_more_days", {
    component: RecurrenceMoreDays,
    supportedTypes: ["char"],
    extractProps: ({ options }) => ({
        weekdays: Boolean(options.weekdays),
        first: options.first || [],
    }),
});
registry.category("view_widgets").add("recurrence_week_days", {
    component: RecurrenceWeekDays,
    fieldDependencies: weekDays.fieldDependencies.map((field) => ({
        ...field,
        name: PREFIX + field.name,
    })),
});
