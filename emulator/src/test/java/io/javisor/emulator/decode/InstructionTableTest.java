package io.javisor.emulator.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InstructionTableTest {
    private static final List<Form> FORMS = InstructionTable.forms();

    @Test
    void eachFormKnowsItsNumber() {
        for (int i = 0; i < FORMS.size(); i++) {
            assertEquals(i, FORMS.get(i).id());
        }
    }

    @Test
    void noLineIsHiddenByAnEarlierOne() {
        for (Form later : FORMS) {
            for (Form earlier : FORMS) {
                if (earlier.id() == later.id()) {
                    break;
                }
                assertFalse(hides(earlier, later), () -> earlier + " hides " + later);
            }
        }
    }

    /** Whether all that {@code later} matches is matched by {@code earlier}, whatever features are offered. */
    private static boolean hides(Form earlier, Form later) {
        boolean sameByte = earlier.opcode().space() == later.opcode().space()
                && (earlier.plus()
                        ? later.opcode().code() - earlier.opcode().code() < 8
                                && later.opcode().code() >= earlier.opcode().code()
                        : earlier.opcode().code() == later.opcode().code() && !later.plus());
        return sameByte
                && (earlier.features() & ~later.features()) == 0
                && (earlier.matchMask() & ~later.matchMask()) == 0
                && ((earlier.matchValue() ^ later.matchValue()) & earlier.matchMask()) == 0;
    }

    @Test
    void aByteAlwaysHasAModrmOrNever() {
        Set<Integer> with = new HashSet<>();
        Set<Integer> without = new HashSet<>();
        for (Form form : FORMS) {
            for (int i = 0; i < (form.plus() ? 8 : 1); i++) {
                int slot = form.opcode().space() << 8 | form.opcode().code() + i;
                (form.hasModrm() ? with : without).add(slot);
            }
        }
        with.retainAll(without);
        assertEquals(Set.of(), with);
    }

    @Test
    void flagsThatMayStayOrAreUndefinedAreWritten() {
        for (Form form : FORMS) {
            FlagEffects flags = form.flags();
            assertEquals(0, (flags.maybe() | flags.undefined()) & ~flags.written(), form::toString);
        }
    }

    @Test
    void whatTheEmitterMakesHasAnEncodingIn64BitMode() {
        for (Form form : FORMS) {
            if (form.kind() == InstructionClass.COMPUTE && (form.matchMask() & Decoder.MATCH_LONG) != 0) {
                boolean legacyOnly = (form.matchValue() & Decoder.MATCH_LONG) == 0;
                assertTrue(!legacyOnly || !form.emitted().equals(form.opcode()), form::toString);
            }
        }
    }

    @Test
    void aComputeFormHasAtMostOneMemoryOperand() {
        for (Form form : FORMS) {
            long count =
                    form.operands().stream().filter(o -> o.kind().mayBeMemory()).count();
            assertTrue(form.kind() != InstructionClass.COMPUTE || count <= 1, form::toString);
        }
    }
}
