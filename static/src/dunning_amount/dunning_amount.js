import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An amount that may be left empty: the placeholder then says which one counts. */
export class DunningAmount extends MonetaryField {
    static template = "account_recurrence_dunning.DunningAmount";
    static props = { ...MonetaryField.props, placeholder: { type: String, optional: true } };

    get formattedValue() {
        return this.props.readonly || this.value ? super.formattedValue : "";
    }
}

registry.category("fields").add("dunning_amount", {
    ...monetaryField,
    component: DunningAmount,
    extractProps: (info) => ({
        ...monetaryField.extractProps(info),
        placeholder: info.placeholder,
    }),
});
