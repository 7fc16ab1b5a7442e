// SPDX-License-Identifier: Apache-2.0
/*
 * Prints what the layout classes of io.javisor.core.net claim, from the kernel's own headers: one "name value" a line.
 * The checked-in output is net-abi.golden; to make it anew:
 *
 *     gcc -Wall -Wextra -o net-abi net-abi.c && ./net-abi > ../resources/io/javisor/core/net/net-abi.golden
 *
 * Needs the headers of Linux 6.1 or later (Debian: linux-libc-dev).
 */
#include <stddef.h>
#include <stdio.h>

#include <linux/ioctl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>

/* Linux 6.2 and later. */
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

#define SIZE(type) printf(#type ".SIZE %zu\n", sizeof(struct type))
#define FIELD(type, field, name) printf(#type "." #name "_OFFSET %zu\n", offsetof(struct type, field))
#define VALUE(name) printf(#name " %llu\n", (unsigned long long)(name))

int main(void)
{
    SIZE(ifreq);
    FIELD(ifreq, ifr_ifrn.ifrn_name, ifr_name);
    FIELD(ifreq, ifr_ifru.ifru_flags, ifr_flags);
    FIELD(ifreq, ifr_ifru.ifru_ivalue, ifr_ifindex);
    FIELD(ifreq, ifr_ifru.ifru_mtu, ifr_mtu);

    SIZE(virtio_net_hdr_v1);
    FIELD(virtio_net_hdr_v1, flags, flags);
    FIELD(virtio_net_hdr_v1, gso_type, gso_type);
    FIELD(virtio_net_hdr_v1, hdr_len, hdr_len);
    FIELD(virtio_net_hdr_v1, gso_size, gso_size);
    FIELD(virtio_net_hdr_v1, csum_start, csum_start);
    FIELD(virtio_net_hdr_v1, csum_offset, csum_offset);
    FIELD(virtio_net_hdr_v1, num_buffers, num_buffers);

    VALUE(IFNAMSIZ);
    VALUE(IFF_UP);
    VALUE(IFF_TAP);
    VALUE(IFF_NO_PI);
    VALUE(IFF_VNET_HDR);
    VALUE(IFF_MULTI_QUEUE);
    VALUE(IFF_ATTACH_QUEUE);
    VALUE(IFF_DETACH_QUEUE);
    VALUE(TUNSETIFF);
    VALUE(TUNSETOFFLOAD);
    VALUE(TUNGETIFF);
    VALUE(TUNSETVNETHDRSZ);
    VALUE(TUNSETQUEUE);
    VALUE(TUN_F_CSUM);
    VALUE(TUN_F_TSO4);
    VALUE(TUN_F_TSO6);
    VALUE(TUN_F_TSO_ECN);
    VALUE(TUN_F_USO4);
    VALUE(TUN_F_USO6);
    VALUE(SIOCGIFFLAGS);
    VALUE(SIOCSIFFLAGS);
    VALUE(SIOCGIFMTU);
    VALUE(SIOCSIFMTU);
    VALUE(SIOCGIFINDEX);
    VALUE(SIOCBRADDIF);
    VALUE(VIRTIO_NET_HDR_F_NEEDS_CSUM);
    VALUE(VIRTIO_NET_HDR_F_DATA_VALID);
    VALUE(VIRTIO_NET_HDR_GSO_NONE);
    VALUE(VIRTIO_NET_HDR_GSO_TCPV4);
    VALUE(VIRTIO_NET_HDR_GSO_UDP);
    VALUE(VIRTIO_NET_HDR_GSO_TCPV6);
    VALUE(VIRTIO_NET_HDR_GSO_UDP_L4);
    VALUE(VIRTIO_NET_HDR_GSO_ECN);
    return 0;
}
