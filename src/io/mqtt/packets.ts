import type { IClientPublishOptions, IConnackPacket, IPublishPacket } from 'mqtt';
import type { InboundMessage, OutboundMessage } from '../../actors/ports.ts';

/** What the broker allows us, from its CONNACK. */
export interface BrokerLimits {
  readonly maximumQos: 0 | 1;
  readonly retainAvailable: boolean;
  /** QoS 1 messages that may be unacknowledged at once. */
  readonly receiveMaximum: number;
}

export function brokerLimits(properties: IConnackPacket['properties']): BrokerLimits {
  return {
    maximumQos: properties?.maximumQoS === 0 ? 0 : 1,
    retainAvailable: properties?.retainAvailable !== false,
    receiveMaximum: Math.max(1, properties?.receiveMaximum ?? 65_535),
  };
}

export function publishOptions(
  message: OutboundMessage,
  own: { readonly qosCeiling: 0 | 1; readonly protocolVersion: 4 | 5 },
  limits: BrokerLimits,
): IClientPublishOptions {
  const withProperties = own.protocolVersion === 5 && message.correlationData !== undefined;
  return {
    qos: message.qos === 1 && own.qosCeiling === 1 && limits.maximumQos === 1 ? 1 : 0,
    retain: message.retain && limits.retainAvailable,
    ...(withProperties ? { properties: { correlationData: Buffer.from(message.correlationData) } } : {}),
  };
}

/** @param receivedAt epoch ms. */
export function inboundMessage(packet: IPublishPacket, receivedAt: number): InboundMessage {
  const { properties } = packet;
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  return {
    topic: packet.topic,
    payload,
    // Nothing empty is ever stored: whatever a broker says, that is a message that deletes what was.
    retain: packet.retain && payload.byteLength > 0,
    dup: packet.dup,
    qos: packet.qos === 0 ? 0 : 1,
    messageExpiryS: properties?.messageExpiryInterval ?? null,
    responseTopic: properties?.responseTopic ?? null,
    correlationData: properties?.correlationData ?? null,
    receivedAt,
  };
}

/** What may not be a topic name to publish to: empty, with wildcards or NUL, or longer than MQTT can say. */
export function isPublishable(topic: string): boolean {
  return topic !== '' && !/[+#\0]/.test(topic) && Buffer.byteLength(topic) <= 65_535;
}
