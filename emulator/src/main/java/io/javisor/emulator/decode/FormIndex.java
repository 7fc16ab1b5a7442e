package io.javisor.emulator.decode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The forms that an opcode's bytes may be, of those that a guest is offered. Does not change once it is made, and all decoders of a process that
 * are offered the same share one.
 */
final class FormIndex {
    private static final int SLOTS = Opcode.SPACES * 256;
    private static final Form[] NO_FORMS = {};

    /** So many kinds of processors are remembered. */
    private static final int MOST_KEPT = 32;

    private static final Map<Long, FormIndex> KEPT = new ConcurrentHashMap<>();

    /** By slot: the opcode's space and its byte. */
    final Form[][] forms = new Form[SLOTS][];

    /** Whether a ModRM byte follows, whether or not the form is offered. */
    final boolean[] hasModrm = new boolean[SLOTS];

    private FormIndex(long mask) {
        List<List<Form>> lists = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            lists.add(new ArrayList<>());
        }
        for (Form form : InstructionTable.forms()) {
            int first = form.opcode().space() << 8 | form.opcode().code();
            for (int i = 0; i < (form.plus() ? 8 : 1); i++) {
                if ((form.features() & ~mask) == 0) {
                    lists.get(first + i).add(form);
                }
                hasModrm[first + i] |= form.hasModrm();
            }
        }
        for (int i = 0; i < SLOTS; i++) {
            forms[i] = lists.get(i).isEmpty() ? NO_FORMS : lists.get(i).toArray(NO_FORMS);
        }
    }

    /** The one for what CPUID tells the guest. */
    static FormIndex of(Set<Feature> offered) {
        long mask = Feature.mask(offered);
        FormIndex kept = KEPT.get(mask);
        if (kept == null) {
            if (KEPT.size() >= MOST_KEPT) {
                KEPT.clear();
            }
            kept = new FormIndex(mask);
            KEPT.put(mask, kept);
        }
        return kept;
    }
}
