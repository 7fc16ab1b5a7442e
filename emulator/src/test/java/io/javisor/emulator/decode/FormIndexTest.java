package io.javisor.emulator.decode;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class FormIndexTest {
    @Test
    void isMadeOnceForWhatIsOffered() {
        FormIndex all = FormIndex.of(Feature.all());
        assertSame(all, FormIndex.of(EnumSet.allOf(Feature.class)));
        assertNotSame(all, FormIndex.of(EnumSet.of(Feature.X87)));
    }
}
