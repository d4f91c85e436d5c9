import { registry } from "@web/core/registry";
import { formatMonetary } from "@web/views/fields/formatters";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** Adds amounts up in each currency, where Odoo converts them and makes one sum. */
export class CurrencyTotalsRenderer extends ListRenderer {
    computeAggregates() {
        const aggregates = super.computeAggregates();
        for (const column of this.columns) {
            if (aggregates[column.name]?.multiCurrency) {
                const value = this.formatCurrencyTotals(column);
                aggregates[column.name] = { help: column.attrs.sum, value, multiCurrency: false };
            }
        }
        return aggregates;
    }

    /** Return the sum of each currency; nothing where a group holds several of them. */
    formatCurrencyTotals(column) {
        const { groups, isGrouped, records, selection } = this.props.list;
        const currencyField = this.getCurrencyField(column);
        const totals = new Map();
        const add = (currencyId, amount) =>
            totals.set(currencyId, (totals.get(currencyId) || 0) + amount);
        if (isGrouped && !selection.length) {
            for (const { aggregates } of groups) {
                if (aggregates[currencyField].length > 1) {
                    return "";
                }
                add(aggregates[currencyField][0], aggregates[column.name]);
            }
        } else {
            for (const { data } of selection.length ? selection : records) {
                add(data[currencyField].id, data[column.name]);
            }
        }
        return [...totals]
            .filter(([, amount]) => amount)
            .map(([currencyId, amount]) => formatMonetary(amount, { currencyId }))
            .join("\n");
    }

    formatGroupAggregate(group, column) {
        const aggregate = super.formatGroupAggregate(group, column);
        return aggregate.multiCurrency ? { value: "" } : aggregate;
    }
}

registry
    .category("views")
    .add("currency_totals_list", { ...listView, Renderer: CurrencyTotalsRenderer });
