package io.javisor.kvm;

import io.javisor.core.host.HostException;

/** An ioctl on {@code /dev/kvm}, a VM or a vCPU failed. The message names the request, its operands and the errno. */
public final class KvmException extends HostException {
    private static final long serialVersionUID = 1L;

    /**
     * @param operation the request with its operands, such as {@code KVM_CREATE_VCPU(id=3) on vm}
     * @param errno positive
     */
    public KvmException(String operation, int errno) {
        super(operation, errno);
    }
}
