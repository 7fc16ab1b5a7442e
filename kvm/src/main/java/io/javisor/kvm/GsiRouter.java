package io.javisor.kvm;

import io.javisor.core.irq.GsiRoute;
import java.util.List;

/**
 * The one owner of a VM's interrupt routing table, which KVM replaces as a whole: nobody else sets it. It routes the inputs of a PC's interrupt
 * chips, for as long as the VM lives, and no messages: {@link KvmMessages} sends those without a route. Any thread.
 */
final class GsiRouter {
    private final KvmIrqs irqs;
    private final List<GsiRoute> routes = GsiRoute.pc();

    /** Puts the wiring of a PC into force, in the place of KVM's own. */
    GsiRouter(KvmIrqs irqs) {
        this.irqs = irqs;
        reload();
    }

    /** Puts the table into force once more. The guest can't see it; KVM waits until nobody uses the old one. */
    void reload() {
        irqs.setGsiRouting(routes);
    }
}
