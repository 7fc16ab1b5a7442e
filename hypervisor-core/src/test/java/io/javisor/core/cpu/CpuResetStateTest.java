package io.javisor.core.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CpuResetStateTest {
    @Test
    void theLintPinsKeepTheirMasks() {
        assertEquals(0x1_0700, CpuResetState.lint0(0x1_0200));
        assertEquals(0x1_0400, CpuResetState.lint1(0x1_0000));
    }

    @Test
    void onlyMsrsThatTheEngineHasAreSet() {
        List<MsrEntry> entries = BootMsrs.entries(Set.of(0x174, 0x10, 0x1A0, 0xC000_0081, 0x2FF, 0x4711)::contains);
        assertEquals(
                List.of(
                        new MsrEntry(0x174, 0),
                        new MsrEntry(0xC000_0081, 0),
                        new MsrEntry(0x10, 0),
                        new MsrEntry(0x1A0, 1),
                        new MsrEntry(0x2FF, 0x806)),
                entries);
        assertFalse(entries.contains(new MsrEntry(0x175, 0)));
    }

    @Test
    void bytesAreComparedByTheirContentAndNobodyChangesThem() {
        byte[] source = {1, (byte) 0xFF};
        Bytes bytes = Bytes.of(source);
        source[0] = 2;
        bytes.toArray()[1] = 3;
        assertEquals(Bytes.of(new byte[] {1, (byte) 0xFF}), bytes);
        assertEquals(bytes.hashCode(), Bytes.of(new byte[] {1, (byte) 0xFF}).hashCode());
        assertNotEquals(Bytes.of(new byte[] {1}), bytes);
        assertEquals(0xFF, bytes.get(1));
        assertEquals("01 ff", bytes.toString());
        assertEquals("", Bytes.NONE.toString());
    }
}
