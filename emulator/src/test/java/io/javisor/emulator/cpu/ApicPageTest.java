package io.javisor.emulator.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.core.cpu.Bytes;
import io.javisor.emulator.apic.ApicState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApicPageTest {
    @Test
    void aStateComesBackAsItWas() {
        ApicState state = new ApicState(
                ApicState.VERSION,
                0xFEE0_0900L,
                0x20,
                0x0200_0000,
                0xFFFF_FFFF,
                0x1FF,
                0x40,
                0x80,
                true,
                0x0300_0000_0000_45FAL,
                List.of(0x2_00EC, 0x1_0000, 0x1_0000, 0x700, 0x400, 0xFE),
                1,
                2,
                0x9A08,
                List.of(0x1_0000L, 0x8000_0000_0000_0001L, 2L, -1L),
                List.of(0x2_0000L, 0L, 4L, 0x7FFF_FFFF_FFFF_FFFFL),
                List.of(0x4_0000L, 1L << 32, 0L, 3L),
                new ApicState.Timer(1, 0xB, 0xFFFF_FFFFL, true, 0x8765_4321L, 0));
        Bytes page = ApicPage.of(state);
        assertEquals(1024, page.length());
        assertEquals(0x20, page.get(0x80), "TPR where memory shows it");
        assertEquals(state, ApicPage.state(page));
    }

    @Test
    void aPageOfAnotherSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ApicPage.state(Bytes.of(new byte[100])));
    }
}
