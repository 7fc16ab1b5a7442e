package io.javisor.core.irq;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class EdgeLineTest {
    private int pulses;
    private int disconnects;
    private final EdgeLine line = new EdgeLine(() -> pulses++, () -> disconnects++);

    @Test
    void eachRiseIsAPulse() {
        line.raise();
        line.raise();
        assertEquals(1, pulses);
        line.lower();
        line.lower();
        assertEquals(1, pulses);
        line.raise();
        assertEquals(2, pulses);
    }

    @Test
    void aPulseIsOneWhateverTheLevelIs() {
        line.pulse();
        line.pulse();
        assertEquals(2, pulses);
        line.raise();
        line.pulse();
        line.raise();
        assertEquals(4, pulses);
    }

    @Test
    void itIsDisconnectedOnce() {
        line.raise();
        line.close();
        line.close();
        assertEquals(1, disconnects);
    }
}
