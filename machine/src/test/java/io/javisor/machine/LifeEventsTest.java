package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.javisor.core.log.LogLimit;
import io.javisor.core.vcpu.Vcpu;
import io.javisor.core.vcpu.VcpuExit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LifeEventsTest {
    private final List<Outcome> ends = new ArrayList<>();

    private LifeEvents events() {
        LifeEvents.Life life = new LifeEvents.Life() {
            @Override
            public void end(Outcome outcome) {
                ends.add(outcome);
            }

            @Override
            public String crashReport(Vcpu vcpu, VcpuExit exit) {
                throw new AssertionError(exit);
            }
        };
        return new LifeEvents("vm", life, BootObserver.NONE, null, new LogLimit());
    }

    private Outcome after(Consumer<LifeEvents> report) {
        ends.clear();
        report.accept(events());
        assertEquals(1, ends.size());
        return ends.getFirst();
    }

    @Test
    void eachReportHasItsOutcome() {
        assertEquals(new Outcome.PowerOff(), after(LifeEvents::powerOff));
        assertEquals(new Outcome.Reset("reset request"), after(LifeEvents::reset));
        assertEquals(new Outcome.DebugExit(7), after(events -> events.exit(7)));
        assertEquals(new Outcome.Panic(), after(LifeEvents::guestPanicked));
    }

    @Test
    void aLifeEndsOnce() {
        LifeEvents events = events();
        events.reset();
        events.reset();
        events.powerOff();
        assertEquals(List.of(new Outcome.Reset("reset request")), ends);
    }

    @Test
    void aCrashKernelThatStartsIsNoEnd() {
        events().crashLoaded();
        assertEquals(List.of(), ends);
    }
}
