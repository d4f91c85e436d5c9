import { Component, onWillStart, onWillUnmount, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Open items on the left, everything that happened on the right. What is ticked is what the
 * buttons are about; nothing ticked: all of it.
 */
export class DunningCase extends Component {
    static template = "account_recurrence_dunning.DunningCase";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({
            page: null,
            ticked: {},
            kind: "",
            unfolded: {},
            note: "",
            isNoting: false,
        });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
        onWillUnmount(() => this.keepNote());
    }

    get noteKey() {
        return `dunning_case_note_${this.resId}`;
    }

    /** What was typed and not logged is there again when the case is opened again. */
    keepNote() {
        if (this.state.note.trim()) {
            browser.sessionStorage.setItem(this.noteKey, this.state.note);
        } else {
            browser.sessionStorage.removeItem(this.noteKey);
        }
    }

    async load(record) {
        if (!record.resId) {
            return;
        }
        if (record.resId !== this.resId) {
            this.keepNote();
            this.resId = record.resId;
            const note = browser.sessionStorage.getItem(this.noteKey) || "";
            Object.assign(this.state, { ticked: {}, kind: "", unfolded: {}, note });
        }
        const asked = (this.asked = Symbol());
        const page = await this.orm.silent.call(record.resModel, "get_case_page", [record.resId]);
        // a later question may have been answered before
        if (asked === this.asked) {
            this.state.page = page;
        }
    }

    get ticked() {
        return this.state.page.items.map((item) => item.id).filter((id) => this.state.ticked[id]);
    }

    get events() {
        const { events } = this.state.page;
        return this.state.kind ? events.filter((event) => event.kind === this.state.kind) : events;
    }

    tick(id) {
        this.state.ticked[id] = !this.state.ticked[id];
    }

    tickAll(isTicked) {
        for (const item of this.state.page.items) {
            this.state.ticked[item.id] = isTicked;
        }
    }

    choose(kind) {
        this.state.kind = this.state.kind === kind ? "" : kind;
    }

    unfold(event) {
        this.state.unfolded[event.key] = !this.state.unfolded[event.key];
    }

    /** What a button of the form would do: the answer is completed to an action on the way. */
    press(method, ...args) {
        const { resModel: model, resId } = this.props.record;
        return rpc(`/web/dataset/call_button/${model}/${method}`, {
            model,
            method,
            args: [[resId], ...args],
            kwargs: { context: user.context },
        });
    }

    async act(method) {
        if (!(await this.props.record.save())) {
            return;
        }
        const action = await this.press(method, this.ticked);
        return this.action.doAction(action, { onClose: () => this.refresh() });
    }

    /** The next customer in the same form, so that the way back to the list stays. */
    async next() {
        const { record } = this.props;
        if (this.state.note.trim()) {
            this.notification.add(_t("Log your note first, or delete it."), { type: "warning" });
            return;
        }
        const action = await this.press("action_next");
        if (!action.res_id) {
            return this.action.doAction(action);
        }
        if (await record.save()) {
            await record.model.load({ resId: action.res_id });
        }
    }

    onNoteKeydown(ev) {
        // while a word is composed, as in Japanese, Enter takes the word
        if (ev.key === "Enter" && !ev.isComposing) {
            this.note();
        }
    }

    async note() {
        const { resModel, resId } = this.props.record;
        const { note, isNoting } = this.state;
        if (isNoting || !note.trim()) {
            return;
        }
        // at once: a second Enter must not log it twice
        Object.assign(this.state, { isNoting: true, note: "" });
        try {
            await this.orm.call(resModel, "action_note", [[resId], note]);
        } catch (error) {
            if (resId === this.resId) {
                this.state.note = note;
            }
            throw error;
        } finally {
            this.state.isNoting = false;
        }
        await this.load(this.props.record);
    }

    async refresh() {
        const { record } = this.props;
        await this.orm.call(record.resModel, "action_refresh", [[record.resId]]);
        await record.model.load();
    }

    async mend(item) {
        if (!(await this.props.record.save())) {
            return;
        }
        const action = await this.orm.call("account.move", item.remedy, [[item.move_id]]);
        return this.action.doAction(action, { onClose: () => this.refresh() });
    }

    open(event) {
        return this.openRecord(event.model, event.id);
    }

    openRecord(model, id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("dunning_case", { component: DunningCase });
