package io.javisor.machine.doctor;

import io.javisor.core.host.HostException;
import io.javisor.kvm.Kvm;
import io.javisor.kvm.KvmUnavailableException;
import io.javisor.kvm.KvmUnavailableException.Reason;
import io.javisor.kvm.KvmVm;
import io.javisor.kvm.abi.KvmCap;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What KVM says of itself. */
sealed interface KvmFacts {
    /** The device can't be opened, or is not KVM. */
    record Unavailable(Reason reason, String message) implements KvmFacts {}

    /**
     * The device speaks the API that javisor speaks.
     *
     * @param capabilities the answer for each number of {@link KvmCapability#all()}
     * @param recommendedVcpus the count up to which vCPUs do not share a processor's time
     * @param vmProblem why no VM can be made; null if one can
     */
    record Opened(
            Map<Integer, Integer> capabilities,
            int maxVcpus,
            int recommendedVcpus,
            @Nullable VmProblem vmProblem) implements KvmFacts {
        public Opened {
            capabilities = Map.copyOf(capabilities);
        }

        boolean has(KvmCapability capability) {
            return capabilities.getOrDefault(capability.number(), 0) > 0;
        }
    }

    /**
     * Why no VM can be made.
     *
     * @param busy whether another hypervisor holds the processor
     */
    record VmProblem(boolean busy, String message) {}

    /** Opens the device, makes a VM for a moment, and closes both. */
    static KvmFacts read(Path device) {
        try (Kvm kvm = Kvm.open(device.toString())) {
            Map<Integer, Integer> capabilities = new HashMap<>();
            for (KvmCapability capability : KvmCapability.all()) {
                capabilities.put(capability.number(), kvm.checkExtension(capability.number()));
            }
            return new Opened(capabilities, kvm.maxVcpus(), kvm.checkExtension(KvmCap.KVM_CAP_NR_VCPUS), tryVm(kvm));
        } catch (KvmUnavailableException e) {
            return new Unavailable(e.reason(), e.getMessage());
        } catch (HostException e) {
            return new Unavailable(Reason.OTHER, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable VmProblem tryVm(Kvm kvm) {
        try (KvmVm _ = kvm.createVm("doctor")) {
            return null;
        } catch (KvmUnavailableException e) {
            return new VmProblem(true, String.valueOf(e.getMessage()));
        } catch (HostException e) {
            return new VmProblem(false, String.valueOf(e.getMessage()));
        }
    }
}
